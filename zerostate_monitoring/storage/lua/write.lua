-- Write frames whole, all or none.
-- KEYS: versions, store id; then per frame: frame, schema.
-- ARGV: token, candidate for the store's id; then per frame:
--   producer, ttl (ms), frame, digest, schema ('' where the writer believes it is there), series.
-- Returns 'OK', or {'MISSING', index…}, or {'STALE', producer}, or {'ASLEEP'}.
local token = tonumber(ARGV[1])
local count = (#KEYS - 2) / 2
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

-- A token is the store's time in microseconds. A run that began half a day ago has been
-- asleep, and what would have refused it may have been swept by now.
if now - token > 12 * 3600 * 1000000 then
  return {'ASLEEP'}
end

local missing = {'MISSING'}
for i = 1, count do
  local a = 2 + (i - 1) * 6
  local entry = redis.call('HGET', KEYS[1], ARGV[a + 1])
  if entry then
    local _, _, _, written = struct.unpack('<I1I8I8I8', entry)
    if written > token then
      return {'STALE', ARGV[a + 1]}
    end
  end
  if ARGV[a + 5] == '' and redis.call('EXISTS', KEYS[2 + i * 2]) == 0 then
    missing[#missing + 1] = tostring(i)
  end
end
if #missing > 1 then
  return missing
end

redis.call('SET', KEYS[2], ARGV[2], 'NX')
for i = 1, count do
  local a = 2 + (i - 1) * 6
  local ttl = tonumber(ARGV[a + 2])
  local schema_key = KEYS[2 + i * 2]
  -- A schema outlives the frames that name it, whichever of them was written last.
  local schema_ttl = math.max(ttl * 2, redis.call('PTTL', schema_key))
  if ARGV[a + 5] ~= '' then
    redis.call('SET', schema_key, ARGV[a + 5], 'PX', schema_ttl)
  else
    redis.call('PEXPIRE', schema_key, schema_ttl)
  end
  redis.call('SET', KEYS[1 + i * 2], ARGV[a + 3], 'PX', ttl)
  local version = now
  local before = redis.call('HGET', KEYS[1], ARGV[a + 1])
  if before then
    local _, last = struct.unpack('<I1I8', before)
    version = math.max(version, last + 1)
  end
  local expires = math.floor(now / 1000) + ttl
  local entry = struct.pack('<I1I8I8I8I4', 1, version, expires, token, tonumber(ARGV[a + 6]))
  redis.call('HSET', KEYS[1], ARGV[a + 1], entry .. ARGV[a + 4])
end
return 'OK'
