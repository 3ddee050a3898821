-- Families of the totals, each as it is at one moment.
-- KEYS: totals; then per family: document, labels, tags, values, exemplars.
-- ARGV: per family: id, the entry that the reader has ('' for none).
-- Returns per family: entry, values, document ('' if its labels are those known), index of the
--   first label that follows, labels, exemplars (false if those are known).
local answer = {}

-- How many labels the reader has that are still those of the first rows.
local function known_labels(had, entry, tags)
  if not had or had.labels ~= entry.labels then
    return 0, false
  end
  local tag = had.rows == entry.rows and entry.tag or last_tag(tags, had.rows)
  local same = had.tag == tag
  return same and had.rows or 0, same
end

for f = 0, #ARGV / 2 - 1 do
  local key = 2 + f * 5
  local packed = redis.call('HGET', KEYS[1], ARGV[1 + f * 2]) or ''
  local document, first, labels, exemplars = '', 0, {}, false
  local entry, had, same = entry_of(packed), entry_of(ARGV[2 + f * 2]), false
  if entry then
    first, same = known_labels(had, entry, KEYS[key + 2])
    if entry.rows > first then
      labels = redis.call('LRANGE', KEYS[key + 1], first, entry.rows - 1)
    end
    if entry.rows > first or not same then
      document = redis.call('GET', KEYS[key]) or ''
    end
    if entry.exemplars > 0 and not (same and had.exemplars == entry.exemplars) then
      exemplars = redis.call('HGETALL', KEYS[key + 4])
    end
  end
  answer[#answer + 1] = packed
  answer[#answer + 1] = redis.call('GET', KEYS[key + 3]) or ''
  answer[#answer + 1] = document
  answer[#answer + 1] = first
  answer[#answer + 1] = labels
  answer[#answer + 1] = exemplars
end
return answer
