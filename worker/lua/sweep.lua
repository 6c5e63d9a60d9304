-- Takes back leases that ran out: ready again at once, or, with no attempt left, quarantined (a feed waits instead).
-- KEYS[1] prefix; ARGV: stage, kind, attempts allowed, at most how many, a feed's wait in ms. Returns (id, what) pairs.
local p, stage, kind, allowed = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local leased = p .. 'leased:' .. stage
-- what an entry's record weighs: counted while it is in flight, apart from the pages, so that polls pause before memory ends
local function weigh_record(key, sign)
  local size = redis.call('HSTRLEN', key, 'record') + redis.call('HSTRLEN', key, 'source')
  if size > 0 then redis.call('INCRBY', p .. 'bytes:records', sign * size) end
end

local out = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leased, '-inf', now, 'LIMIT', 0, ARGV[4])) do
  local key = p .. kind .. ':' .. id
  redis.call('ZREM', leased, id)
  local attempts = tonumber(redis.call('HGET', key, 'attempts'))
  if attempts then
    redis.call('HDEL', key, 'token')
    local at = now
    if attempts >= allowed and kind == 'entry' then
      local size = redis.call('STRLEN', p .. 'blob:' .. id)
      redis.call('DECRBY', p .. 'bytes', size)
      weigh_record(key, -1)
      redis.call('INCRBY', p .. 'bytes:quarantined', size)
      local why = 'no answer from a worker in ' .. attempts .. ' attempts at stage ' .. stage ..
        '; last error: ' .. (redis.call('HGET', key, 'error') or 'none recorded (the worker died or ran out of time)')
      redis.call('HINCRBY', p .. 'counts', 'quarantined', 1)
      redis.call('HSET', key, 'state', 'quarantined', 'reason', why, 'ended', now)
      redis.call('ZADD', p .. 'quarantine', now, id)
      out[#out + 1] = {id, 'quarantined'}
    else
      if attempts >= allowed then at = now + tonumber(ARGV[5]) end
      redis.call('HSET', key, 'state', 'ready')
      redis.call('ZADD', p .. 'ready:' .. stage, at, id)
      out[#out + 1] = {id, 'ready'}
    end
  end
end
return out
