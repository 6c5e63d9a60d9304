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

