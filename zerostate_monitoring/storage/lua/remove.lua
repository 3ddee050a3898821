-- End producers at once.  KEYS: versions; then their frames.  ARGV: their names.
-- The entry stays as a tombstone: a run that began before is refused by its token.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
for i = 1, #ARGV do
  redis.call('DEL', KEYS[i + 1])
  local version = now
  local before = redis.call('HGET', KEYS[1], ARGV[i])
  if before then
    local _, last = struct.unpack('<I1I8', before)
    version = math.max(version, last + 1)
  end
  local entry = struct.pack('<I1I8I8I8I4', 1, version, math.floor(now / 1000), now, 0)
  redis.call('HSET', KEYS[1], ARGV[i], entry .. string.rep('\0', 16))
end
return #ARGV
