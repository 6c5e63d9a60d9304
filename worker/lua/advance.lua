-- Applies verdicts. Each is one compare on (state, token): who lost the lease changes nothing.
-- ARGV: stage, kind, token, next stage, attempts allowed, looks (see above), then for each item
-- (id, verb, number, text, blob, count of fields, field, value, …). Numbers are milliseconds.
-- A retry's blob is its own number of attempts, or empty; the text of 'advance' and 'pass' (which keeps the blob) is the
-- stage to go to where it is not the next one, their number how long to wait there. Returns 1 for each verdict applied, 0 for each lost.
local stage, kind, token, following, allowed, looks = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local leased = p .. 'leased:' .. stage

local function again(key, id, at)
  redis.call('HSET', key, 'state', 'ready')
  redis.call('HDEL', key, 'token')
  redis.call('ZADD', p .. 'ready:' .. stage, at, id)
end

local applied = {}
local i = 7
while i <= #ARGV do
  local id, verb, number, text, blob, fields = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3], ARGV[i + 4],
    tonumber(ARGV[i + 5])
  local first = i + 6
  i = first + 2 * fields
  local key = p .. kind .. ':' .. id
  local held = redis.call('HMGET', key, 'state', 'token', 'stage')
  if held[1] ~= 'leased' or held[2] ~= token or (kind ~= 'feed' and held[3] ~= stage) then
    applied[#applied + 1] = 0
  else
    redis.call('ZREM', leased, id)
    for f = first, i - 1, 2 do redis.call('HSET', key, ARGV[f], ARGV[f + 1]) end
    if verb == 'advance' or verb == 'pass' then
      if verb == 'advance' then
        weigh(id, 'bytes', -1)
        redis.call('SET', p .. 'blob:' .. id, blob)
        redis.call('INCRBY', p .. 'bytes', #blob)
      end
      local to = text ~= '' and text or following
      redis.call('HSET', key, 'stage', to, 'state', 'ready', 'attempts', 0)
      redis.call('HDEL', key, 'token', 'error', 'waiting')
      redis.call('ZADD', p .. 'ready:' .. to, now + number, id)
    elseif verb == 'end' then
      finish(key, id, text, blob, looks)
    elseif verb == 'retry' then
      redis.call('HSET', key, 'error', text)
      if kind == 'entry' and tonumber(redis.call('HGET', key, 'attempts')) >= (tonumber(blob) or allowed) then
        finish(key, id, 'quarantined', text, looks)
      else
        again(key, id, now + number)
      end
    elseif verb == 'leave' and kind ~= 'entry' and kind ~= 'feed' then        -- what became of it stands in Elasticsearch
      redis.call('DEL', key)
    elseif verb == 'defer' then
      redis.call('HINCRBY', key, 'attempts', -1)
      redis.call('HSET', key, 'waiting', text)
      again(key, id, now + number)
    else                                                  -- 'again': a feed's next poll
      redis.call('HDEL', key, 'waiting')
      redis.call('HSET', key, 'attempts', 0)
      again(key, id, now + number)
    end
    applied[#applied + 1] = 1
  end
end
return applied
