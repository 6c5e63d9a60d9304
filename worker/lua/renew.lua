-- Extends leases still held. ARGV: stage, kind, token, lease ms, ids. Returns 1 or 0 for each.
local stage, kind, token = ARGV[1], ARGV[2], ARGV[3]
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
