-- Drops records whose last sighting is too old. In flight or quarantined ones stay, and those with a look to come.
-- ARGV: lifetime ms, at most how many. Returns how many were dropped.
local dropped = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'sightings', '-inf', now - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])) do
  local key = p .. 'entry:' .. id
  local state = redis.call('HGET', key, 'state')
  if state == 'ready' or state == 'leased' or state == 'quarantined' or redis.call('ZSCORE', p .. 'revisits', id) then
    redis.call('ZADD', p .. 'sightings', now, id)
  else
    redis.call('DEL', key)
    redis.call('ZREM', p .. 'sightings', id)
    dropped = dropped + 1
  end
end
return dropped
