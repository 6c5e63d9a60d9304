-- Entries seen in a feed: each new one gets its record and stands ready for its first stage, in one step. Of a known one
-- that reads otherwise than before (its digest differs) the article is to be looked at again.
-- ARGV: stage, feed id, the feed's record, looks, then (id, record, digest) for each entry.
-- Returns 1 for each new entry, 0 for each known one.
local looks = ARGV[4]

-- What stands in line or in a worker's hands goes on with the new record; unless its page is yet to be fetched, it is
-- looked at again once it has ended.
local function reread(id, key, record, source)
  local held = redis.call('HMGET', key, 'state', 'stage')
  if held[1] == 'ready' or held[1] == 'leased' then
    weigh_record(key, -1)
    redis.call('HSET', key, 'record', record, 'source', source)
    weigh_record(key, 1)
    local unread = held[1] == 'ready' and held[2] == ARGV[1] and redis.call('EXISTS', p .. 'blob:' .. id) == 0
    if not unread then redis.call('HSET', key, 'again', 1) end
  elseif held[1] == 'indexed' then
    redis.call('HSET', key, 'record', record, 'source', source, 'again', 1)
    redis.call('ZADD', p .. 'revisits', 'LT', patience(key, looks), id)
  elseif held[1] == 'quarantined' then
    redis.call('HSET', key, 'record', record, 'source', source)
  end
end

-- The entry that brought a duplicate's article first is looked at instead, in the name of its own feed: by its own record
-- where that is kept, else by one of where the article was read. What another feed says of it counts no more than that it
-- changed: but for the title, which decides only between those that the page itself has.
local function reread_holder(id, record)
  local key = p .. 'entry:' .. id
  local held = redis.call('HMGET', key, 'state', 'record', 'feed', 'stands')
  if held[1] == 'ready' or held[1] == 'leased' or held[1] == 'indexed' then redis.call('HSET', key, 'again', 1) end
  if held[1] == 'indexed' then
    if not held[2] then
      local said = cjson.decode(record)
      local bare = cjson.encode({id = id, feed_id = held[3] ~= '' and held[3] or cjson.null, url = held[4] or said.url, title = said.title})
      redis.call('HSET', key, 'record', bare, 'source', redis.call('HGET', p .. 'feed:' .. held[3], 'record') or '')
    end
    redis.call('ZADD', p .. 'revisits', 'LT', patience(key, looks), id)
  end
end

-- What was found in an archive first and stands in a feed now is news: it waits no longer behind what is new, and rules
-- may match it.
local function fresh(id, key, record, source)
  local held = redis.call('HMGET', key, 'backfill', 'state', 'stage', 'feed')
  if not held[1] or (held[2] ~= 'ready' and held[2] ~= 'leased') then return end
  redis.call('HDEL', key, 'backfill')
  if held[2] ~= 'ready' or held[3] ~= 'backfill' then return end
  weigh_record(key, -1)
  redis.call('HSET', key, 'stage', ARGV[1], 'record', record, 'source', source, 'feed', ARGV[2])
  redis.call('HDEL', key, 'waiting')
  weigh_record(key, 1)
  redis.call('ZREM', p .. 'ready:backfill', id)
  redis.call('ZADD', p .. 'ready:' .. ARGV[1], now, id)
end

local new = {}
for i = 5, #ARGV, 3 do
  local id, record, digest = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local key = p .. 'entry:' .. id
  redis.call('ZADD', p .. 'sightings', now, id)
  if redis.call('EXISTS', key) == 1 then
    if ARGV[1] ~= 'backfill' then fresh(id, key, record, ARGV[3]) end
    local held = redis.call('HMGET', key, 'digest', 'feed', 'state', 'holder')
    if held[2] == ARGV[2] and held[1] ~= digest then    -- another feed may always have worded it otherwise
      redis.call('HSET', key, 'digest', digest)
      if held[1] then                                   -- else known before digests were kept
        if held[3] == 'duplicate' and held[4] then
          reread_holder(held[4], record)
        else
          reread(id, key, record, ARGV[3])
        end
      end
    end
    new[#new + 1] = 0
  else
    redis.call('HSET', key, 'record', record, 'feed', ARGV[2], 'source', ARGV[3], 'stage', ARGV[1],
      'state', 'ready', 'attempts', 0, 'seen', now, 'digest', digest)
    if ARGV[1] == 'backfill' then redis.call('HSET', key, 'backfill', 1) end
    redis.call('ZADD', p .. 'ready:' .. ARGV[1], now, id)
    redis.call('INCRBY', p .. 'bytes:records', #record + #ARGV[3])
    redis.call('HINCRBY', p .. 'counts', 'seen', 1)
    new[#new + 1] = 1
  end
end
return new
