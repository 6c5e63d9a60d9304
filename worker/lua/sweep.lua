-- Takes back leases that ran out: ready again at once, or, with no attempt left, quarantined (a feed waits instead).
-- ARGV: stage, kind, attempts allowed, at most how many, a feed's wait in ms, looks. Returns (id, what) pairs.
local stage, kind, allowed = ARGV[1], ARGV[2], tonumber(ARGV[3])
local leased = p .. 'leased:' .. stage

local out = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leased, '-inf', now, 'LIMIT', 0, ARGV[4])) do
  local key = p .. kind .. ':' .. id
  redis.call('ZREM', leased, id)
  local attempts = tonumber(redis.call('HGET', key, 'attempts'))
  if attempts then
    redis.call('HDEL', key, 'token')
    local at = now
    if attempts >= allowed and kind == 'entry' then
      local why = 'no answer from a worker in ' .. attempts .. ' attempts at stage ' .. stage ..
        '; last error: ' .. (redis.call('HGET', key, 'error') or 'none recorded (the worker died or ran out of time)')
      finish(key, id, 'quarantined', why, ARGV[6])
      out[#out + 1] = {id, redis.call('HGET', key, 'state')}
    else
      if attempts >= allowed and kind ~= 'delivery' then at = now + tonumber(ARGV[5]) end
      redis.call('HSET', key, 'state', 'ready')
      redis.call('ZADD', p .. 'ready:' .. stage, at, id)
      out[#out + 1] = {id, 'ready'}
    end
  end
end
return out
