-- What a scrape needs to know before it fetches a frame, and the values of families whose
-- values alone are likely to have changed.
-- KEYS: versions, store id, totals, further hashes; then the values of those families.
-- ARGV: number of further hashes; then per family: id, the entry that the reader has.
-- Returns {seconds, microseconds, id, versions, totals, hash…, {values…}}, with false in place
--   of the values of a family of which nothing, or more than its values, is new.
local further = tonumber(ARGV[1])
local clock = redis.call('TIME')
local answer = {clock[1], clock[2], redis.call('GET', KEYS[2]) or '', redis.call('HGETALL', KEYS[1])}
for i = 3, 3 + further do
  answer[#answer + 1] = redis.call('HGETALL', KEYS[i])
end
local values = {}
for f = 1, (#ARGV - 1) / 2 do
  local entry, had = redis.call('HGET', KEYS[3], ARGV[f * 2]), ARGV[f * 2 + 1]
  local moved = entry and entry ~= had and all_but_values(entry) == all_but_values(had)
  values[f] = moved and redis.call('GET', KEYS[3 + further + f]) or false
end
answer[#answer + 1] = values
return answer
