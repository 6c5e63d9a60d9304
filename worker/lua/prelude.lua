-- Before every script of the ledger: the prefix of its keys, the server's clock in milliseconds, what things weigh.
local p = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

-- An entry's blob: counted while it is in flight ('bytes') or in quarantine ('bytes:quarantined').
local function weigh(id, counter, sign)
  local size = redis.call('STRLEN', p .. 'blob:' .. id)
  if size > 0 then redis.call('INCRBY', p .. counter, sign * size) end
end

-- An entry's record, while it is in flight: apart from the blobs, so that polls pause before memory ends but what waits gets out.
local function weigh_record(key, sign)
  local size = redis.call('HSTRLEN', key, 'record') + redis.call('HSTRLEN', key, 'source')
  if size > 0 then redis.call('INCRBY', p .. 'bytes:records', sign * size) end
end

-- When an ended article is looked at again, or nil. ARGV's `looks`: 'every,after,after…' in ms. By plan: the next
-- `after` that is not over, counted from `plan`. Because its feed's entry changed (`again`): at once, but at least
-- `every` after the last look, twice that for each such look in a row that found nothing new (feeds that only reword),
-- and longer the more looks there were: of what is another at each look, the number of revisions grows as the root of time.
local function patience(key, looks)
  local held = redis.call('HMGET', key, 'visited', 'idle', 'visit')
  if not held[1] then return now end
  local every = tonumber(string.match(looks, '^%d+')) * math.max(1, tonumber(held[3] or '0') / 12)
  return math.max(now, math.floor(tonumber(held[1]) + every * 2 ^ math.min(tonumber(held[2] or '0'), 4)))
end

local function next_look(key, looks)
  local due
  local held = redis.call('HMGET', key, 'plan', 'again')
  if held[1] then
    for after in string.gmatch(looks, ',(%d+)') do
      local at = tonumber(held[1]) + tonumber(after)
      if at > now and (not due or at < due) then due = at end
    end
    if not due then redis.call('HDEL', key, 'plan', 'watched') end
  end
  if held[2] then due = math.min(due or math.huge, patience(key, looks)) end
  return due
end

-- An entry ends in its outcome. A visit ends as it stood before, indexed, whatever went wrong: that is only noted, and
-- tried again later a few times.
local function finish(key, id, outcome, reason, looks)
  local visit = redis.call('HGET', key, 'visit')
  if visit then
    local found = redis.call('HGET', key, 'found') or 'unchanged'
    if outcome ~= 'indexed' then
      local asked = redis.call('HMGET', key, 'asked', 'idle')
      if outcome == 'quarantined' and asked[1] and tonumber(asked[2] or '0') < 5 then
        redis.call('HINCRBY', key, 'idle', 1)            -- no answer, not the page's own: what it changed is not known yet
        redis.call('HSET', key, 'again', 1)
      end
      outcome, reason, found = 'indexed', 'visit ' .. visit .. ', ' .. outcome .. ': ' .. reason, 'failed'
    end
    redis.call('HINCRBY', p .. 'visits', 'made', 1)
    redis.call('HINCRBY', p .. 'visits', found, 1)
  end
  redis.call('HINCRBY', p .. 'counts', outcome, 1)
  redis.call('HSET', key, 'state', outcome, 'reason', reason, 'ended', now)
  redis.call('HDEL', key, 'token', 'waiting', 'found', 'vanished', 'taken')
  weigh_record(key, -1)
  weigh(id, 'bytes', -1)
  if outcome == 'quarantined' then
    weigh(id, 'bytes:quarantined', 1)
    redis.call('ZADD', p .. 'quarantine', now, id)
    return
  end
  redis.call('DEL', p .. 'blob:' .. id)
  local due = outcome == 'indexed' and next_look(key, looks)
  if due then redis.call('ZADD', p .. 'revisits', due, id) else redis.call('HDEL', key, 'record', 'source', 'again') end
  if outcome == 'discarded' then redis.call('HINCRBY', p .. 'discards', reason, 1) end
end

