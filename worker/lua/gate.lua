-- One request at a time to a host, and a delay between two, across the whole fleet.
-- KEYS[1] the host's key; ARGV: 'enter', token, hold ms, delay ms, urgent (1 | 0), visit ms, what its robots.txt asks
-- between two requests (ms; -1: not read for this request) | 'leave', token, delay ms. What robots.txt asks is kept: it
-- holds for all requests, also for those before which it is not read (polls).
-- `enter` returns 0 (go) or the milliseconds until the caller's own turn. Turns are handed out one behind the other, so
-- that a long queue does not come back all at once. An urgent caller (a feed's poll) does not stand at the end of the
-- queue of pages: the next free moment is kept for it. A visit (`visit` above 0) is only let in that long after the host's
-- last one, whoever else asks; until then it takes no turn from the others.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local key = KEYS[1]
local held = redis.call('HMGET', key, 'next', 'token', 'tail', 'first', 'visits', 'left', 'crawl')
local following, tail, first = tonumber(held[1] or '0'), tonumber(held[3] or '0'), tonumber(held[4] or '0')
local line = tonumber(held[5] or '0')            -- visits: when the next one may be let in, behind those that wait
local crawl = tonumber(held[7] or '0')

local function keep_until(moment)
  redis.call('PEXPIRE', key, math.max(moment - now, line - now, 0) + (crawl > 0 and 21600000 or 60000))
end

if ARGV[1] == 'leave' then
  if held[2] == ARGV[2] then
    following = now + math.max(tonumber(ARGV[3]), crawl)
    redis.call('HSET', key, 'next', following, 'token', '', 'left', now)
    keep_until(math.max(following, tail))
  end
  return 0
end

local hold, delay, urgent, visit = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1', tonumber(ARGV[6])
if held[2] == ARGV[2] then return 0 end         -- asked twice: the first answer was lost with the connection
local told = tonumber(ARGV[7])
if told >= 0 and told ~= crawl then
  crawl = told
  if crawl > 0 then redis.call('HSET', key, 'crawl', crawl) else redis.call('HDEL', key, 'crawl') end
end
delay = math.max(delay, crawl)
following = math.max(following, tonumber(held[6] or '0') + delay)   -- whoever was here before may not have known of it
if visit > 0 then
  local from = tonumber(redis.call('HGET', key, 'visited') or '0') + visit
  if now < from then
    -- a fifth more between two in line: none comes back to the millisecond, and who comes too early goes to its end
    local slot = math.max(line, from)
    line = slot + visit * 1.2
    redis.call('HSET', key, 'visits', line)
    keep_until(math.max(tail, following))
    return math.max(slot - now, 50)
  end
end
if now >= following and (urgent or now >= first) then
  redis.call('HSET', key, 'next', now + hold, 'token', ARGV[2])
  if urgent then redis.call('HDEL', key, 'first') end
  if visit > 0 then
    line = math.max(line, now + visit)
    redis.call('HSET', key, 'visited', now, 'visits', line)
  end
  keep_until(math.max(now + hold, tail))
  return 0
end
-- while a request is under way its end is unknown: count from now, not from the end of its hold
local from = following
if held[2] and held[2] ~= '' then from = now + delay end
if urgent then
  local wait = math.max(from - now, 50)
  redis.call('HSET', key, 'first', now + wait + 2000)
  keep_until(math.max(now + wait + 2000, tail))
  return wait
end
tail = math.max(tail, from) + delay
redis.call('HSET', key, 'tail', tail)
keep_until(math.max(tail, following))
return math.max(tail - now, 50)
