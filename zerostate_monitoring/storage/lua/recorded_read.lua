-- What a reader lacks of what was recorded, some entries at a time.
-- KEYS: head, entries, parts.
-- ARGV: the reader's epoch, how many entries it has seen, how the last of them ends, the most
--   entries to be given, digests of the parts that it has.
-- Returns {head, continued, seen before, entries, digest, part, …}: entries follow on what it has
--   if continued is 1; otherwise it begins anew with the oldest.
local head = redis.call('HGETALL', KEYS[1])
local epoch, count = '', 0
for i = 1, #head, 2 do
  if head[i] == 'epoch' then epoch = head[i + 1] end
  if head[i] == 'count' then count = tonumber(head[i + 1]) end
end
local gone = count - redis.call('LLEN', KEYS[2])
local seen, mark = tonumber(ARGV[2]), ARGV[3]

-- It reads on where the very entry that it read last is still there: a store that lost it may
-- have got another in its place.
local continued = false
if epoch == ARGV[1] and seen > gone and seen <= count then
  local newest = redis.call('LINDEX', KEYS[2], seen - gone - 1) or ''
  continued = string.sub(newest, -#mark) == mark
end
if not continued then
  seen = gone
end
local entries = redis.call('LRANGE', KEYS[2], seen - gone, seen - gone + tonumber(ARGV[4]) - 1)

local known = {}
for i = 1, #ARGV[5], 16 do
  known[string.sub(ARGV[5], i, i + 15)] = true
end
local answer = {head, continued and 1 or 0, seen, entries}
for _, entry in ipairs(entries) do
  local size = struct.unpack('<I2', entry)
  local _, digests = struct.unpack('<I1xxxI4', entry, size + 3)
  local begin = size + 27
  for i = begin, begin + digests * 16 - 1, 16 do
    local digest = string.sub(entry, i, i + 15)
    if not known[digest] then
      known[digest] = true
      answer[#answer + 1] = digest
      answer[#answer + 1] = redis.call('HGET', KEYS[3], digest) or ''
    end
  end
end
return answer
