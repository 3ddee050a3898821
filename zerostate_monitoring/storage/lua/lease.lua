-- Take a lease if nobody holds it.  KEYS: lease, last token.  ARGV: milliseconds.
-- Tokens are the store's time in microseconds and always rise, also when its clock is
-- set back, and (but for that) when it was emptied.
local clock = redis.call('TIME')
local token = clock[1] * 1000000 + clock[2]
local last = redis.call('GET', KEYS[2])
if last and tonumber(last) >= token then
  token = tonumber(last) + 1
end
local text = string.format('%.0f', token)
if not redis.call('SET', KEYS[1], text, 'NX', 'PX', ARGV[1]) then
  return false
end
redis.call('SET', KEYS[2], text)
return text
