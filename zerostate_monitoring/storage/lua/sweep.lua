-- Forget producers whose frames ended long ago.  KEYS: versions.  ARGV: milliseconds ago.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local entries = redis.call('HGETALL', KEYS[1])
local gone = 0
for i = 1, #entries, 2 do
  local _, _, expires = struct.unpack('<I1I8I8', entries[i + 1])
  if now - expires > tonumber(ARGV[1]) then
    gone = gone + redis.call('HDEL', KEYS[1], entries[i])
  end
end
return gone
