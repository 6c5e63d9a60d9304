-- Entries whose article is forgotten: at whatever stage they stand, they end, and nothing but their outcome is left of
-- them. So their feed may go on listing them. Whoever holds one under lease has lost it.
-- ARGV: entry ids. Returns how many were known.
local erased = 0
for _, id in ipairs(ARGV) do
  local key = p .. 'entry:' .. id
  local held = redis.call('HMGET', key, 'state', 'stage', 'visit', 'feed', 'seen', 'ended')
  local state, stage = held[1], held[2] or ''
  if state then
    local outcome = state
    if state == 'ready' or state == 'leased' then
      outcome = held[3] and 'retired' or 'discarded'     -- a look at an article that is there ends as that: counted
      redis.call('ZREM', p .. 'ready:' .. stage, id)
      redis.call('ZREM', p .. 'leased:' .. stage, id)
      weigh(id, 'bytes', -1)
      weigh_record(key, -1)
      redis.call('HINCRBY', p .. 'counts', held[3] and 'indexed' or 'discarded', 1)
      if held[3] then
        redis.call('HINCRBY', p .. 'visits', 'made', 1)
        redis.call('HINCRBY', p .. 'visits', 'failed', 1)
      end
    elseif state == 'quarantined' then
      outcome = 'discarded'
      weigh(id, 'bytes:quarantined', -1)
      redis.call('ZREM', p .. 'quarantine', id)
      redis.call('HINCRBY', p .. 'counts', 'quarantined', -1)
      redis.call('HINCRBY', p .. 'counts', 'discarded', 1)
    elseif state == 'indexed' then
      outcome = 'retired'
    end
    if outcome == 'discarded' and state ~= 'discarded' then redis.call('HINCRBY', p .. 'discards', 'forgotten', 1) end
    redis.call('ZREM', p .. 'revisits', id)
    redis.call('DEL', p .. 'blob:' .. id, key)
    redis.call('HSET', key, 'state', outcome, 'stage', stage, 'attempts', 0, 'reason', 'forgotten', 'feed',
      held[4] or '', 'seen', held[5] or now, 'ended', held[6] or now)
    redis.call('ZADD', p .. 'sightings', 'NX', now, id)
    erased = erased + 1
  end
end
return erased
