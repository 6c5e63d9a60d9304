-- Extends leases still held. KEYS[1] prefix; ARGV: stage, kind, token, lease ms, ids. Returns 1 or 0 for each.
local p, stage, kind, token = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local out = {}
for i = 5, #ARGV do
  local held = redis.call('HMGET', p .. kind .. ':' .. ARGV[i], 'state', 'token')
  if held[1] == 'leased' and held[2] == token then
    redis.call('ZADD', p .. 'leased:' .. stage, 'XX', now + tonumber(ARGV[4]), ARGV[i])
    out[#out + 1] = 1
  else
    out[#out + 1] = 0
  end
end
return out
