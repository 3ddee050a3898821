-- End families of the totals that no code has declared for long, and forget dead processes.
-- KEYS: totals, declared, processes; then seven keys of each family.
-- ARGV: retention (ms), processes' grace (ms); then the families' ids.
-- Returns the number of families that ended.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local ended = 0
for i = 3, #ARGV do
  local declared = tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or '0')
  if now - declared > tonumber(ARGV[1]) then
    redis.call('HDEL', KEYS[2], ARGV[i])
    ended = ended + redis.call('HDEL', KEYS[1], ARGV[i])
    local first = 4 + (i - 3) * 7
    for k = first, first + 6 do
      redis.call('DEL', KEYS[k])
    end
  end
end
local processes = redis.call('HGETALL', KEYS[3])
for i = 1, #processes, 2 do
  local entry = processes[i + 1]
  -- What another version has written is for that version to forget.
  if #entry >= 17 and string.byte(entry) == 1 then
    local _, _, expires = struct.unpack('<I1I8I8', entry)
    if now - expires > tonumber(ARGV[2]) then
      redis.call('HDEL', KEYS[3], processes[i])
    end
  end
end
return ended
