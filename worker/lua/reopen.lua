-- Articles whose next look is due: their ended entries stand in line again, as visits. Their outcome's count goes down
-- by one until they end again. ARGV: stage, at most how many. Returns how many stand in line now.
local opened = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'revisits', '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local key = p .. 'entry:' .. id
  redis.call('ZREM', p .. 'revisits', id)
  local held = redis.call('HMGET', key, 'state', 'record')
  if held[1] == 'indexed' and held[2] then             -- else it was forgotten meanwhile
    redis.call('HINCRBY', p .. 'counts', 'indexed', -1)
    redis.call('HINCRBY', key, 'visit', 1)
    redis.call('HSET', key, 'state', 'ready', 'stage', ARGV[1], 'attempts', 0, 'visited', now)
    redis.call('HDEL', key, 'ended', 'reason', 'error', 'found', 'vanished', 'asked')
    if redis.call('HDEL', key, 'again') == 1 then redis.call('HSET', key, 'asked', 1) end    -- by its feed
    weigh_record(key, 1)
    redis.call('ZADD', p .. 'ready:' .. ARGV[1], now, id)
    opened = opened + 1
  end
end
return opened
