-- Take those leases that nobody holds, all with one token.
-- KEYS: last token, leases.  ARGV: milliseconds.  Returns {token, index of each taken…} or {}.
-- Tokens are the store's time in microseconds and always rise, also when its clock is
-- set back, and (but for that) when it was emptied.
local clock = redis.call('TIME')
local token = clock[1] * 1000000 + clock[2]
local last = redis.call('GET', KEYS[1])
if last and tonumber(last) >= token then
  token = tonumber(last) + 1
end
local text = string.format('%.0f', token)
local answer = {}
for i = 2, #KEYS do
  if redis.call('SET', KEYS[i], text, 'NX', 'PX', ARGV[1]) then
    answer[#answer + 1] = i - 1
  end
end
if #answer > 0 then
  redis.call('SET', KEYS[1], text)
  table.insert(answer, 1, text)
end
return answer
