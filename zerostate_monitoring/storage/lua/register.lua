-- Give series their rows in the totals of a family.
-- KEYS: totals, store id, declared, dropped counts; then of the family: document, index,
--   labels, tags, values, free rows.
-- ARGV: family id, candidate for the store's id, document, width, most series, name for the
--   dropped count; then per series: its labels, the labels that it is folded into, a new tag.
-- Returns {row, tag, …}.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local id, width, most = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5])
local entry = entry_of(redis.call('HGET', KEYS[1], id))
local used = redis.call('HLEN', KEYS[6])
local appended, relabelled, folded = false, false, 0

redis.call('SET', KEYS[2], ARGV[2], 'NX')
redis.call('SET', KEYS[5], ARGV[3])
redis.call('HSET', KEYS[3], id, math.floor(now / 1000))

local function found(labels)
  local row = redis.call('HGET', KEYS[6], labels)
  if row then
    row = tonumber(row)
    return row, redis.call('GETRANGE', KEYS[8], row * 8, row * 8 + 7)
  end
end

local function made(labels, tag)
  local row = redis.call('LPOP', KEYS[10])
  if row then
    row = tonumber(row)
    redis.call('LSET', KEYS[7], row, labels)
    relabelled = true
  else
    row = redis.call('RPUSH', KEYS[7], labels) - 1
    appended = true
  end
  redis.call('HSET', KEYS[6], labels, row)
  redis.call('SETRANGE', KEYS[8], row * 8, tag)
  redis.call('SETRANGE', KEYS[9], row * width * 8, string.rep('\0', width * 8))
  used = used + 1
  return row, tag
end

local answer = {}
for i = 7, #ARGV, 3 do
  local labels, other = ARGV[i], ARGV[i + 1]
  local row, tag = found(labels)
  if not row and used >= most and labels ~= other then
    folded = folded + 1
    labels = other
    row, tag = found(labels)
  end
  if not row then
    row, tag = made(labels, ARGV[i + 2])
  end
  answer[#answer + 1] = tostring(row)
  answer[#answer + 1] = tag
end

if folded > 0 then
  redis.call('HINCRBY', KEYS[4], ARGV[6], folded)
end
if appended or relabelled or not entry then
  entry = entry or new_entry(now)
  renew_entry(entry, now, relabelled, false)
  entry.rows = redis.call('LLEN', KEYS[7])
  put_entry(KEYS[1], id, KEYS[8], entry)
end
return answer
