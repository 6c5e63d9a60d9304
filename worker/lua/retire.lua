-- Articles that retention removed: their entries stay known as long as their feed lists them, so that they are not claimed
-- anew, but are never looked at again. One that is under way meets the article's tombstone.
-- ARGV: entry ids. Returns how many were retired.
local retired = 0
for _, id in ipairs(ARGV) do
  local key = p .. 'entry:' .. id
  local state = redis.call('HGET', key, 'state')
  if state then
    redis.call('ZREM', p .. 'revisits', id)
    redis.call('HDEL', key, 'plan', 'again', 'watched')
  end
  if state == 'indexed' then
    redis.call('HSET', key, 'state', 'retired')
    redis.call('HDEL', key, 'record', 'source')
    retired = retired + 1
  end
end
return retired
