-- Plans looks at an article from now on: it alerted, or a reader kept it. Again while looks are planned changes nothing.
-- ARGV: entry id, its record, its feed's id, the feed's record, looks, article id, when it was first seen (ms).
-- Returns 1 where looks are planned now, 0 where that entry's article is not (its entry was no article's).
local id, record, feed, source, looks, article, seen = unpack(ARGV)
local key = p .. 'entry:' .. id
local state = redis.call('HGET', key, 'state')
if not state then                                       -- forgotten: it was indexed once, and counted
  state = 'indexed'
  redis.call('HSET', key, 'state', state, 'stage', '', 'attempts', 0, 'feed', feed, 'seen', seen, 'article', article)
  redis.call('ZADD', p .. 'sightings', now, id)
end
if state ~= 'ready' and state ~= 'leased' and state ~= 'indexed' then return 0 end
if redis.call('HEXISTS', key, 'watched') == 1 then return 1 end
redis.call('HSET', key, 'watched', 1, 'plan', now)
if state == 'indexed' then
  local due = next_look(key, looks)
  if not due then return 0 end
  if redis.call('HEXISTS', key, 'record') == 0 then redis.call('HSET', key, 'record', record, 'source', source) end
  redis.call('HSETNX', key, 'article', article)
  redis.call('ZADD', p .. 'revisits', 'LT', due, id)
end
return 1
