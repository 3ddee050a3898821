-- Append a column to the timeline, and a block in place of the run before it.
-- KEYS: head, columns, blocks, parts, index of the blocks, what the open run begins with.
-- ARGV: the writer's epoch ('' for none), a candidate for a new one, the newest slot that it
--   holds (ms), this slot (ms), interval (ms), retention (ms), most bytes, columns to keep
--   beside the blocks, column, block ('' for none), its entry of the index, how the column that
--   it holds ends ('' where it rests on none); then digest and part of each that the column or
--   the block names ('' where the writer believes that it is there).
-- Returns {'OK', epoch, blocks cut, bytes, oldest slot}; or {'TAKEN'}, {'BEHIND'}, {'EARLY'},
--   {'FUTURE'}, or
--   {'MISSING', digest, …}. Nothing was done but for OK, and for FUTURE: there the timeline
--   ended after the store's own clock, which was set back, and is gone.
-- Blocks are large: this script never reads one. An entry of the index is first and last slot,
-- columns, bytes; then digests.
local HEAD = 24

local function entry_of(index)
  local first, last, count, size = struct.unpack('<i8i8I4I4', index)
  return {first = first, last = last, columns = count, bytes = size}
end

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local slot, interval = tonumber(ARGV[4]), tonumber(ARGV[5])
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '0')
local tolerance = interval + 5000

if slot > now + tolerance then
  return {'EARLY'}
end
if last > now + tolerance + 60000 then
  for _, key in ipairs(KEYS) do
    redis.call('DEL', key)
  end
  return {'FUTURE'}
end
if slot <= last then
  return {'TAKEN'}
end
if epoch ~= ARGV[1] or last ~= tonumber(ARGV[3]) then
  return {'BEHIND'}
end
-- A store that lost a column may have got another of the same slot since.
if ARGV[12] ~= '' then
  local newest = redis.call('LINDEX', KEYS[2], -1) or ''
  if string.sub(newest, -#ARGV[12]) ~= ARGV[12] then
    return {'BEHIND'}
  end
end
local missing = {'MISSING'}
for i = 13, #ARGV, 2 do
  if ARGV[i + 1] == '' and redis.call('HEXISTS', KEYS[4], ARGV[i]) == 0 then
    missing[#missing + 1] = ARGV[i]
  end
end
if #missing > 1 then
  return missing
end

local column, block = ARGV[9], ARGV[10]
local bytes = tonumber(redis.call('HGET', KEYS[1], 'bytes') or '0')
local columns = tonumber(redis.call('HGET', KEYS[1], 'columns') or '0')
local _, digests, before = struct.unpack('<I1xxxI4i8', column)

-- The first write, which a server that is full refuses, and all with it.
redis.call('HSET', KEYS[1], 'epoch', epoch == '' and ARGV[2] or epoch)
for i = 13, #ARGV, 2 do
  if ARGV[i + 1] ~= '' and redis.call('HSET', KEYS[4], ARGV[i], ARGV[i + 1]) == 1 then
    bytes = bytes + #ARGV[i + 1]
  end
end
redis.call('RPUSH', KEYS[2], column)
bytes, columns = bytes + #column, columns + 1
if before == 0 then
  redis.call('SET', KEYS[6], string.sub(column, HEAD + 1, HEAD + digests * 16))
  redis.call('HSET', KEYS[1], 'run', ARGV[4])
end
if block ~= '' then
  redis.call('RPUSH', KEYS[3], block)
  redis.call('RPUSH', KEYS[5], ARGV[11])
  bytes = bytes + #block
  for _ = 1, redis.call('LLEN', KEYS[2]) - tonumber(ARGV[8]) do
    bytes = bytes - #redis.call('LPOP', KEYS[2])
  end
end

-- -- what is too old, and what is too much -----------------------------------------

local function oldest()
  local index = redis.call('LINDEX', KEYS[5], 0)
  return index and entry_of(index)
end

local function drop()
  local gone = entry_of(redis.call('LPOP', KEYS[5]))
  redis.call('LTRIM', KEYS[3], 1, -1)
  columns, bytes = columns - gone.columns, bytes - gone.bytes
  return oldest()
end

-- Parts that nothing names any more.
local function tidy()
  local used = {}
  local function name(text, from)
    for at = from, #text, 16 do
      used[string.sub(text, at, at + 15)] = true
    end
  end
  name(redis.call('GET', KEYS[6]) or '', 1)
  for _, index in ipairs(redis.call('LRANGE', KEYS[5], 0, -1)) do
    name(index, HEAD + 1)
  end
  for _, digest in ipairs(redis.call('HKEYS', KEYS[4])) do
    if not used[digest] then
      bytes = bytes - #redis.call('HGET', KEYS[4], digest)
      redis.call('HDEL', KEYS[4], digest)
    end
  end
end

local first, cut = oldest(), 0
while first and first.last <= slot - tonumber(ARGV[6]) do
  first = drop()
end
if block ~= '' then
  tidy()
end
while first and bytes > tonumber(ARGV[7]) do
  first, cut = drop(), cut + 1
  tidy()
end
-- Then columns of runs that have ended: who fell behind by so much reads anew.
local run = tonumber(redis.call('HGET', KEYS[1], 'run') or '0')
while bytes > tonumber(ARGV[7]) do
  local oldest = redis.call('LINDEX', KEYS[2], 0)
  local _, _, _, begins = struct.unpack('<I1xxxI4i8i8', oldest)
  if begins >= run then break end
  redis.call('LPOP', KEYS[2])
  bytes = bytes - #oldest
end

if last > 0 then
  local missed = math.floor((slot - last) / interval + 0.5) - 1
  redis.call('HINCRBY', KEYS[1], 'missed', math.max(missed, 0))
end
local begins = first and first.first or redis.call('HGET', KEYS[1], 'run')
redis.call('HSET', KEYS[1], 'last', ARGV[4], 'first', begins, 'interval', ARGV[5])
redis.call('HSET', KEYS[1], 'bytes', bytes, 'columns', columns)
redis.call('HINCRBY', KEYS[1], 'cut', cut)
return {'OK', epoch == '' and ARGV[2] or epoch, cut, bytes, tonumber(begins)}
