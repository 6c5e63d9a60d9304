-- Entries seen in a feed: each new one gets its record and stands ready for its first stage, in one step.
-- ARGV: stage, feed id, the feed's record, then (id, record) for each entry.
-- Returns 1 for each new entry, 0 for each known one.
local new = {}
for i = 4, #ARGV, 2 do
  local id = ARGV[i]
  local key = p .. 'entry:' .. id
  redis.call('ZADD', p .. 'sightings', now, id)
  if redis.call('EXISTS', key) == 1 then
    new[#new + 1] = 0
  else
    redis.call('HSET', key, 'record', ARGV[i + 1], 'feed', ARGV[2], 'source', ARGV[3], 'stage', ARGV[1],
      'state', 'ready', 'attempts', 0, 'seen', now)
    redis.call('ZADD', p .. 'ready:' .. ARGV[1], now, id)
    redis.call('INCRBY', p .. 'bytes:records', #ARGV[i + 1] + #ARGV[3])
    redis.call('HINCRBY', p .. 'counts', 'seen', 1)
    new[#new + 1] = 1
  end
end
return new
