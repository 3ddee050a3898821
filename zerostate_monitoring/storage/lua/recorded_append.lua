-- Append what a group's evaluation gave at a slot.
-- KEYS: head, entries, parts, which entry names them last, groups.
-- ARGV: a candidate for the epoch, group, slot (ms), token (-1 for the highest), retention (ms),
--   most bytes, slot and end of the group's last entry as the writer knows it ('' for none; '*'
--   if it does not matter), entry; then digest and part of each that the entry names ('' where
--   the writer believes that it is there).
-- Returns {'OK', bytes, entries cut, oldest slot}; or {'OLD'}, {'BEHIND'}, {'MISSING', digest, …},
--   or {'FUTURE'}. Nothing was done but for OK, and for FUTURE: there the group had a slot after
--   the store's own clock, which was set back, and all that was recorded is gone.
-- An entry is the length of the group's key, the key, and a column of the timeline.
local TOLERANCE, RESTORED, DAY = 60000, 600000, 86400000

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local group, slot, token = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local last, highest, mark = 0, 0, ''
local known = redis.call('HGET', KEYS[5], group)
if known then
  last, highest = struct.unpack('<i8i8', known)
  mark = string.sub(known, 1, 8) .. string.sub(known, 17)
end
if token == -1 then
  token = highest
end

if last > now + TOLERANCE and slot <= now + TOLERANCE and slot <= last then
  for _, key in ipairs(KEYS) do
    redis.call('DEL', key)
  end
  return {'FUTURE'}
end
-- A lower token is an overtaken writer's, but for one that comes so late: there the database that
-- counts them was restored from a copy of before, and would count for as long to get here.
if slot <= last or (token < highest and slot - last < RESTORED) then
  return {'OLD'}
end
if ARGV[7] ~= '*' and ARGV[7] ~= mark then
  return {'BEHIND'}
end
local missing = {'MISSING'}
for i = 9, #ARGV, 2 do
  if ARGV[i + 1] == '' and redis.call('HEXISTS', KEYS[3], ARGV[i]) == 0 then
    missing[#missing + 1] = ARGV[i]
  end
end
if #missing > 1 then
  return missing
end

local function slot_of(entry)
  local size = struct.unpack('<I2', entry)
  local _, _, _, found = struct.unpack('<I1xxxI4i8i8', entry, size + 3)
  return found
end

local entry = ARGV[8]
local bytes = tonumber(redis.call('HGET', KEYS[1], 'bytes') or '0')
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ARGV[1]
-- The first write, which a server that is full refuses, and all with it.
redis.call('HSET', KEYS[1], 'epoch', epoch)
local count = redis.call('HINCRBY', KEYS[1], 'count', 1)
for i = 9, #ARGV, 2 do
  if ARGV[i + 1] ~= '' and redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) == 1 then
    bytes = bytes + #ARGV[i + 1]
  end
  redis.call('ZADD', KEYS[4], count, ARGV[i])
end
redis.call('RPUSH', KEYS[2], entry)
bytes = bytes + #entry
redis.call('HSET', KEYS[5], group, struct.pack('<i8i8', slot, token) .. string.sub(entry, -8))

-- -- what is too old, and what is too much -----------------------------------------

local function drop()
  bytes = bytes - #redis.call('LPOP', KEYS[2])
end

-- Parts that no entry names any more.
local function tidy()
  local gone = count - redis.call('LLEN', KEYS[2])
  for _, digest in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', gone)) do
    bytes = bytes - #(redis.call('HGET', KEYS[3], digest) or '')
    redis.call('HDEL', KEYS[3], digest)
    redis.call('ZREM', KEYS[4], digest)
  end
end

local oldest = slot_of(redis.call('LINDEX', KEYS[2], 0))
while oldest <= slot - tonumber(ARGV[5]) do
  drop()
  oldest = slot_of(redis.call('LINDEX', KEYS[2], 0))
end
tidy()
local cut = 0
while bytes > tonumber(ARGV[6]) and redis.call('LLEN', KEYS[2]) > 1 do
  drop()
  tidy()
  cut = cut + 1
end
oldest = slot_of(redis.call('LINDEX', KEYS[2], 0))
redis.call('HSET', KEYS[1], 'bytes', bytes, 'first', oldest)
redis.call('HINCRBY', KEYS[1], 'cut', cut)
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, tonumber(ARGV[5]) + DAY)
end
return {'OK', bytes, cut, oldest}
