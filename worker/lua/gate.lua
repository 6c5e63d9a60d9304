-- One request at a time to a host, and a delay between two, across the whole fleet.
-- KEYS[1] the host's key; ARGV: 'enter', token, hold ms, delay ms | 'leave', token, delay ms.
-- `enter` returns 0 (go) or the milliseconds until the caller's own turn: turns are handed out one behind the other, so
-- that a long queue does not come back all at once.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local key = KEYS[1]
local held = redis.call('HMGET', key, 'next', 'token', 'tail')
local following, tail = tonumber(held[1] or '0'), tonumber(held[3] or '0')
if ARGV[1] == 'leave' then
  if held[2] == ARGV[2] then
    local delay = tonumber(ARGV[3])
    redis.call('HSET', key, 'next', now + delay, 'token', '')
    redis.call('PEXPIRE', key, math.max(delay, tail - now, 0) + 60000)
  end
  return 0
end
local hold, delay = tonumber(ARGV[3]), tonumber(ARGV[4])
if now >= following then
  redis.call('HSET', key, 'next', now + hold, 'token', ARGV[2])
  redis.call('PEXPIRE', key, math.max(hold, tail - now) + 60000)
  return 0
end
-- while a request is under way its end is unknown: count from now, not from the end of its hold
local from = following
if held[2] and held[2] ~= '' then from = now end
tail = math.max(tail, from) + delay
redis.call('HSET', key, 'tail', tail)
redis.call('PEXPIRE', key, math.max(tail, following) - now + 60000)
return tail - now
