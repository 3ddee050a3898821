-- Families of the totals, each as it is at one moment.
-- KEYS: totals; then per family: document, labels, tags, values, exemplars.
-- ARGV: per family: id, version of the labels that the reader has, how many of them, tag of the
--   last, version of the exemplars that it has.
-- Returns per family: entry, values, document ('' if its labels are those known), index of the
--   first label that follows, labels, exemplars (false if those are known).
local answer = {}
for f = 0, #ARGV / 5 - 1 do
  local key, arg = 1 + f * 5, f * 5
  local entry = redis.call('HGET', KEYS[1], ARGV[arg + 1]) or ''
  local document, first, labels, exemplars = '', 0, {}, false
  if #entry == 45 then
    local _, _, version, exemplary, rows = struct.unpack('<I1I8I8I8I4', entry)
    local have = tonumber(ARGV[arg + 3])
    local last = have > 0 and redis.call('GETRANGE', KEYS[key + 3], (have - 1) * 8, have * 8 - 1) or ''
    local same = string.format('%.0f', version) == ARGV[arg + 2] and last == ARGV[arg + 4]
    first = same and have or 0
    if rows > first then
      labels = redis.call('LRANGE', KEYS[key + 2], first, rows - 1)
    end
    if rows > first or not same then
      document = redis.call('GET', KEYS[key + 1]) or ''
    end
    if exemplary > 0 and string.format('%.0f', exemplary) ~= ARGV[arg + 5] then
      exemplars = redis.call('HGETALL', KEYS[key + 5])
    end
  end
  answer[#answer + 1] = entry
  answer[#answer + 1] = redis.call('GET', KEYS[key + 4]) or ''
  answer[#answer + 1] = document
  answer[#answer + 1] = first
  answer[#answer + 1] = labels
  answer[#answer + 1] = exemplars
end
return answer
