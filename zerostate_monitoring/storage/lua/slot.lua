-- Take a slot unless one was taken a moment ago.  KEYS: when the last was taken (ms).
-- ARGV: how many milliseconds must lie between two.  Returns 1, or 0 where it is too early.
-- A time is kept, not a key that expires: where the clock is set back, the key would stay for
-- as long as the jump. A last time in the future means just that, and the slot is free.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local last = tonumber(redis.call('GET', KEYS[1]) or '')
if last and last <= now and now - last < tonumber(ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], string.format('%.0f', now))
return 1
