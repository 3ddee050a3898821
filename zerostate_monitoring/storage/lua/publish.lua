-- Take in what a process says of itself: all of it, or nothing.
-- KEYS: totals, store id, processes, removals, number of removals, declared, dropped counts,
--   this process's numbers, its gauges, the gauges' document; then per family: values, tags,
--   index, labels, free rows, exemplars.
-- ARGV: header (JSON), candidate for the store's id, cleared ranges, gauges, gauges' document,
--   gauges' digest; then per family: header (JSON), runs.
-- Returns {'OK', number of removals, last sequence, removal…}, {'OLD', sequence}, {'UNKNOWN'}, or
--   {'MOVED', family…}.
local HEAD = 16
local header = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local now_ms = math.floor(now / 1000)

local known = redis.call('GETRANGE', KEYS[8], 0, HEAD - 1)
local sequence = 0
if #known == HEAD then
  local _
  _, sequence = struct.unpack('<I8I8', known)
  if sequence >= header.sequence then
    return {'OLD', string.format('%.0f', sequence)}
  end
elseif header.sequence > 1 and not header.base then
  return {'UNKNOWN'}
end

-- -- what is said of the families: read whole, before anything is written ------

local families, moved = {}, {'MOVED'}
for f = 0, #header.families - 1 do
  local family = {head = header.families[f + 1], runs = {}, key = 10 + f * 6}
  local blob, at = ARGV[7 + f], 1
  while at <= #blob do
    local run = {}
    run.offset, run.row, run.rows, at = struct.unpack('<I4I4I4', blob, at)
    local tags = string.sub(blob, at, at + run.rows * 8 - 1)
    run.at = at + run.rows * 8
    at = run.at + run.rows * family.head.width * 8
    local there = redis.call('GETRANGE', KEYS[family.key + 2], run.row * 8, (run.row + run.rows) * 8 - 1)
    if there ~= tags then
      moved[#moved + 1] = family.head.id
      break
    end
    family.runs[#family.runs + 1] = run
  end
  family.blob = blob
  families[#families + 1] = family
end
if #moved > 1 then
  return moved
end

-- -- numbers -------------------------------------------------------------------

local PART = 100
local formats = {}
local function format(count)
  if not formats[count] then
    formats[count] = '<' .. string.rep('d', count)
  end
  return formats[count]
end

-- Adds what rose since the last publication, and gives the new totals as bytes.
local function added(totals, last, blob, at, count)
  local parts = {}
  for i = 0, count - 1, PART do
    local size = math.min(PART, count - i)
    local t = {struct.unpack(format(size), totals, i * 8 + 1)}
    local l = {struct.unpack(format(size), last, i * 8 + 1)}
    local v = {struct.unpack(format(size), blob, at + i * 8)}
    for j = 1, size do
      t[j] = t[j] + (v[j] - l[j])
    end
    parts[#parts + 1] = struct.pack(format(size), unpack(t, 1, size))
  end
  return table.concat(parts)
end

local function padded(text, size)
  return #text < size and text .. string.rep('\0', size - #text) or text
end

-- A parameter that is empty is the first write: a server that is full refuses it, and all.
redis.call('SET', KEYS[2], ARGV[2], 'NX')
redis.call('SETRANGE', KEYS[8], 0, struct.pack('<I8I8', 1, header.sequence))

for at = 1, #ARGV[3], 8 do
  local offset, count = struct.unpack('<I4I4', ARGV[3], at)
  redis.call('SETRANGE', KEYS[8], HEAD + offset * 8, string.rep('\0', count * 8))
end

for _, family in ipairs(families) do
  local width, key = family.head.width, family.key
  for _, run in ipairs(family.runs) do
    local count = run.rows * width
    local from = HEAD + run.offset * 8
    if not header.base then
      local last = padded(redis.call('GETRANGE', KEYS[8], from, from + count * 8 - 1), count * 8)
      local row_at = run.row * width * 8
      local totals = redis.call('GETRANGE', KEYS[key + 1], row_at, row_at + count * 8 - 1)
      totals = padded(totals, count * 8)
      redis.call('SETRANGE', KEYS[key + 1], row_at, added(totals, last, family.blob, run.at, count))
    end
    redis.call('SETRANGE', KEYS[8], from, string.sub(family.blob, run.at, run.at + count * 8 - 1))
  end
end

-- -- series that ended, exemplars, versions --------------------------------------

for _, family in ipairs(families) do
  local head, key = family.head, family.key
  local values, labels, exemplars = 0, 0, 0
  local entry = redis.call('HGET', KEYS[1], head.id)
  if entry then
    local _
    _, values, labels, exemplars = struct.unpack('<I1I8I8I8', entry)
  end
  local relabelled = false
  for _, ended in ipairs(head.ended) do
    local row = redis.call('HGET', KEYS[key + 3], ended)
    if row then
      row = tonumber(row)
      redis.call('HDEL', KEYS[key + 3], ended)
      redis.call('SETRANGE', KEYS[key + 2], row * 8, string.rep('\0', 8))
      redis.call('SETRANGE', KEYS[key + 1], row * head.width * 8, string.rep('\0', head.width * 8))
      redis.call('LSET', KEYS[key + 4], row, '')
      redis.call('RPUSH', KEYS[key + 5], row)
      for place = 0, head.width - 1 do
        redis.call('HDEL', KEYS[key + 6], row .. ':' .. place)
      end
      relabelled = true
    end
  end
  local wrote = false
  for place, exemplar in pairs(head.exemplars) do
    redis.call('HSET', KEYS[key + 6], place, exemplar)
    wrote = true
  end
  local rows = redis.call('LLEN', KEYS[key + 4])
  if rows > 0 and (#family.runs > 0 or relabelled or wrote) then
    values = math.max(now, values + 1)
    labels = relabelled and math.max(now, labels + 1) or labels
    exemplars = wrote and math.max(now, exemplars + 1) or exemplars
    redis.call('HSET', KEYS[1], head.id, struct.pack('<I1I8I8I8I4', 1, values, labels, exemplars, rows))
  end
end

local removals = tonumber(redis.call('GET', KEYS[5]) or '0')
for _, removal in ipairs(header.removals) do
  removals = redis.call('INCR', KEYS[5])
  redis.call('RPUSH', KEYS[4], removal)
end
if #header.removals > 0 then
  redis.call('LTRIM', KEYS[4], -1000, -1)
end

for _, id in ipairs(header.declared) do
  redis.call('HSET', KEYS[6], id, now_ms)
end
for family, number in pairs(header.dropped) do
  redis.call('HINCRBY', KEYS[7], family, number)
end

-- -- the process itself ------------------------------------------------------------

if header.closing then
  -- The head stays for a while: a publication that is still on its way is an old one.
  local head = redis.call('GETRANGE', KEYS[8], 0, HEAD - 1)
  redis.call('SET', KEYS[8], head, 'PX', header.head_ttl)
  redis.call('HDEL', KEYS[3], header.producer)
  redis.call('DEL', KEYS[9])
else
  redis.call('PEXPIRE', KEYS[8], header.numbers_ttl)
  local version, size, digest = now, 0, string.rep('\0', 16)
  local entry = redis.call('HGET', KEYS[3], header.producer)
  if entry then
    local _, old_version, _, old_size = struct.unpack('<I1I8I8I4', entry)
    version = math.max(now, old_version + 1)
    if ARGV[4] == '' then
      version, size, digest = old_version, old_size, string.sub(entry, 22, 37)
    end
  end
  if ARGV[4] ~= '' then
    size, digest = header.gauges, ARGV[6]
    redis.call('SET', KEYS[9], ARGV[4], 'PX', header.gauges_ttl)
    redis.call('SET', KEYS[10], ARGV[5], 'PX', header.gauges_ttl * 4)
  elseif size > 0 then
    redis.call('PEXPIRE', KEYS[9], header.gauges_ttl)
    redis.call('PEXPIRE', KEYS[10], header.gauges_ttl * 4)
  end
  local expires = now_ms + header.gauges_ttl
  entry = struct.pack('<I1I8I8I4', 1, version, expires, size) .. digest .. header.about
  redis.call('HSET', KEYS[3], header.producer, entry)
end

local answer = {'OK', string.format('%.0f', removals), string.format('%.0f', sequence)}
if header.cursor >= 0 and header.cursor < removals then
  local late = redis.call('LRANGE', KEYS[4], -math.min(removals - header.cursor, 1000), -1)
  for _, removal in ipairs(late) do
    answer[#answer + 1] = removal
  end
end
return answer
