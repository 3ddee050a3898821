-- Take in what a process says of itself: all of it, or nothing.
-- KEYS: totals, store id, processes, removals, number of removals, declared, dropped counts,
--   this process's numbers, its gauges, the gauges' document; then per family: values, tags,
--   index, labels, free rows, exemplars.
-- ARGV: header (JSON), candidate for the store's id, cleared ranges, gauges, gauges' document,
--   gauges' digest; then per family: runs.
-- Returns {'OK', last sequence, wanted, number of removals, removal…}, where wanted names what
--   the store lacks: 'gauges', families; {'OLD', sequence}; {'UNKNOWN'}; or
--   {'MOVED', family:offset, …, '', number of removals, removal…}.
local HEAD, PART = 16, 100
local header = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local now_ms = math.floor(now / 1000)

local sequence = 0
local known = redis.call('GETRANGE', KEYS[8], 0, HEAD - 1)
if #known == HEAD then
  local _
  _, sequence = struct.unpack('<I8I8', known)
  if sequence >= header.sequence then
    return {'OLD', string.format('%.0f', sequence)}
  end
elseif header.sequence > 1 and not header.base then
  return {'UNKNOWN'}
end

-- -- what is said and what is there: read whole, before anything is written ------

local function with_removals(answer, number)
  answer[#answer + 1] = string.format('%.0f', number)
  -- A cursor beyond the last is one of a store that was emptied since: all of these are new.
  local cursor = header.cursor <= number and header.cursor or 0
  if cursor >= 0 and cursor < number then
    local late = redis.call('LRANGE', KEYS[4], -math.min(number - cursor, 1000), -1)
    for _, removal in ipairs(late) do
      answer[#answer + 1] = removal
    end
  end
  return answer
end

local removals = tonumber(redis.call('GET', KEYS[5]) or '0')
local families, moved = {}, {'MOVED'}
for f = 0, #header.families - 1 do
  local head = header.families[f + 1]
  local family = {head = head, runs = {}, key = 10 + f * 6, blob = ARGV[7 + f]}
  family.entry = entry_of(redis.call('HGET', KEYS[1], head.id))
  local at = 1
  while at <= #family.blob do
    local run = {}
    run.offset, run.row, run.rows, at = struct.unpack('<I4I4I4', family.blob, at)
    local tags = string.sub(family.blob, at, at + run.rows * 8 - 1)
    run.at = at + run.rows * 8
    at = run.at + run.rows * head.width * 8
    local from = run.row * 8
    local there = redis.call('GETRANGE', KEYS[family.key + 2], from, from + run.rows * 8 - 1)
    if there ~= tags then
      for row = 0, run.rows - 1 do
        if string.sub(there, row * 8 + 1, row * 8 + 8) ~= string.sub(tags, row * 8 + 1, row * 8 + 8) then
          moved[#moved + 1] = head.id .. ':' .. (run.offset + row * head.width)
        end
      end
    end
    family.runs[#family.runs + 1] = run
  end
  families[#families + 1] = family
end
if #moved > 1 then
  moved[#moved + 1] = ''
  return with_removals(moved, removals)
end

-- -- numbers -------------------------------------------------------------------

local formats = {}
local function format(count)
  if not formats[count] then
    formats[count] = '<' .. string.rep('d', count)
  end
  return formats[count]
end

local function numbers(text, at, count)
  local found = {}
  for i = 0, count - 1, PART do
    local size = math.min(PART, count - i)
    local part = {struct.unpack(format(size), text, at + i * 8)}
    for j = 1, size do
      found[i + j] = part[j]
    end
  end
  return found
end

local function packed(values)
  local parts = {}
  for i = 1, #values, PART do
    local size = math.min(PART, #values - i + 1)
    parts[#parts + 1] = struct.pack(format(size), unpack(values, i, i + size - 1))
  end
  return table.concat(parts)
end

-- Adds to the totals of some rows what rose since the last publication. A count that fell is
-- one of another tenant of this place, whose clearing a failover has lost: it begins at 0. The
-- last of several numbers is a sum, which may fall. What is no number changes nothing.
local function added(totals, last, values, width)
  local counts = math.max(width - 1, 1)
  for row = 0, #values - 1, width do
    for j = row + 1, row + counts do
      if values[j] < last[j] then
        for k = row + 1, row + width do
          last[k] = 0
        end
        break
      end
    end
    for j = row + 1, row + width do
      local total = totals[j] + (values[j] - last[j])
      if total - total == 0 then
        totals[j] = total
      end
    end
  end
  return packed(totals)
end

local function padded(text, size)
  return #text < size and text .. string.rep('\0', size - #text) or text
end

-- The first write, which a server that is full refuses, and all with it.
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
    local said = string.sub(family.blob, run.at, run.at + count * 8 - 1)
    if not header.base then
      local last = padded(redis.call('GETRANGE', KEYS[8], from, from + count * 8 - 1), count * 8)
      local row_at = run.row * width * 8
      local totals = redis.call('GETRANGE', KEYS[key + 1], row_at, row_at + count * 8 - 1)
      totals = numbers(padded(totals, count * 8), 1, count)
      local sums = added(totals, numbers(last, 1, count), numbers(said, 1, count), width)
      redis.call('SETRANGE', KEYS[key + 1], row_at, sums)
    end
    redis.call('SETRANGE', KEYS[8], from, said)
  end
end

-- -- series that ended, exemplars, versions --------------------------------------

for _, family in ipairs(families) do
  local head, key = family.head, family.key
  local relabelled, wrote = false, false
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
  for place, exemplar in pairs(head.exemplars) do
    redis.call('HSET', KEYS[key + 6], place, exemplar)
    wrote = true
  end
  local rows = redis.call('LLEN', KEYS[key + 4])
  if rows > 0 and (#family.runs > 0 or relabelled or wrote) then
    local entry = family.entry or new_entry(now)
    renew_entry(entry, now, relabelled, wrote)
    entry.rows = rows
    put_entry(KEYS[1], head.id, KEYS[key + 2], entry)
  end
end

for _, removal in ipairs(header.removals) do
  removals = redis.call('INCR', KEYS[5])
  redis.call('RPUSH', KEYS[4], removal)
end
if #header.removals > 0 then
  redis.call('LTRIM', KEYS[4], -1000, -1)
end

local wanted = {}
for _, id in ipairs(header.declared) do
  if redis.call('HEXISTS', KEYS[1], id) == 1 then
    redis.call('HSET', KEYS[6], id, now_ms)
  else
    wanted[#wanted + 1] = id
  end
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
  if entry and #entry >= 37 then
    local _, old_version, _, old_size = struct.unpack('<I1I8I8I4', entry)
    version, size, digest = old_version, old_size, string.sub(entry, 22, 37)
  end
  if ARGV[4] ~= '' then
    version, size, digest = math.max(now, version + 1), header.gauges, ARGV[6]
    redis.call('SET', KEYS[9], ARGV[4], 'PX', header.gauges_ttl)
    redis.call('SET', KEYS[10], ARGV[5], 'PX', header.gauges_ttl * 4)
  elseif header.gauges > 0 then
    local kept = redis.call('PEXPIRE', KEYS[9], header.gauges_ttl)
    kept = kept * redis.call('PEXPIRE', KEYS[10], header.gauges_ttl * 4)
    if kept == 0 or size == 0 then
      wanted[#wanted + 1] = 'gauges'
    end
  end
  local expires = now_ms + header.gauges_ttl
  entry = struct.pack('<I1I8I8I4', 1, version, expires, size) .. digest .. header.about
  redis.call('HSET', KEYS[3], header.producer, entry)
end

local answer = {'OK', string.format('%.0f', sequence), cjson.encode(wanted)}
return with_removals(answer, removals)
