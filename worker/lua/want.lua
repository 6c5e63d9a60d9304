-- What is no entry (raw pages that readers keep, deliveries): each that is not under way is made ready.
-- ARGV: stage, kind, ids. Returns how many that were.
local wanted = 0
for i = 3, #ARGV do
  local key = p .. ARGV[2] .. ':' .. ARGV[i]
  if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, 'stage', ARGV[1], 'state', 'ready', 'attempts', 0)
    redis.call('ZADD', p .. 'ready:' .. ARGV[1], now, ARGV[i])
    wanted = wanted + 1
  end
end
return wanted
