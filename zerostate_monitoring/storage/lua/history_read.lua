-- What a reader lacks of the timeline.
-- KEYS: head, columns, blocks, parts, index of the blocks, head of what is recorded.
-- ARGV: the reader's epoch, the newest slot (ms) that it holds or 0, from where and until where
--   (ms, both exclusive; from where in relation to the newest slot, if not above 0) it wants
--   blocks, digests of the parts that it has, how the column that it holds ends.
-- Returns {head (and in it how much is recorded), continued, blocks, columns, digest, part, …}: columns follow on the newest that
--   it holds if continued is 1. Otherwise it begins anew, with all columns of the open run.
local HEAD = 24
local head = redis.call('HGETALL', KEYS[1])
local epoch, last, run = '', 0, 0
for i = 1, #head, 2 do
  if head[i] == 'epoch' then epoch = head[i + 1] end
  if head[i] == 'last' then last = tonumber(head[i + 1]) end
  if head[i] == 'run' then run = tonumber(head[i + 1]) end
end
local told = redis.call('HMGET', KEYS[6], 'epoch', 'count')
head[#head + 1] = 'recorded'
head[#head + 1] = (told[1] or '') .. ':' .. (told[2] or '0')
local held, from, to = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if from <= 0 then
  from = last + from
end

-- Before which slot it stands, and which slot it is.
local function slots(column)
  local _, _, before, slot = struct.unpack('<I1xxxI4i8i8', column)
  return before, slot
end

-- Columns from the newest back to, but without, the first at or before a slot; and that one.
local function newer(after)
  local found, at = {}, -1
  while true do
    local column = redis.call('LINDEX', KEYS[2], at)
    if not column then
      return found
    end
    local _, slot = slots(column)
    if slot <= after then
      return found, column
    end
    table.insert(found, 1, column)
    at = at - 1
  end
end

-- It reads on where the very column that it holds is still there: a store that lost it may
-- have got another of the same slot.
local columns, continued = {}, false
if epoch == ARGV[1] and held > 0 and held <= last then
  local previous
  columns, previous = newer(held)
  if previous then
    local _, ends = slots(previous)
    continued = ends == held and string.sub(previous, -#ARGV[6]) == ARGV[6]
  end
end
if not continued then
  -- Columns of runs before that may stand beside their block, or without it.
  columns = newer(run - 1)
  to = math.huge
end

local blocks = {}
local at = -1
while to > 0 do
  local index = redis.call('LINDEX', KEYS[5], at)
  if not index then break end
  local begins, ends = struct.unpack('<i8i8', index)
  if ends <= from then break end
  if begins < to then
    table.insert(blocks, 1, redis.call('LINDEX', KEYS[3], at))
  end
  at = at - 1
end

local known = {}
for i = 1, #ARGV[5], 16 do
  known[string.sub(ARGV[5], i, i + 15)] = true
end
local answer = {head, continued and 1 or 0, blocks, columns}
for _, entries in ipairs({blocks, columns}) do
  for _, entry in ipairs(entries) do
    local _, count = struct.unpack('<I1xxxI4', entry)
    for i = HEAD + 1, HEAD + count * 16, 16 do
      local digest = string.sub(entry, i, i + 15)
      if not known[digest] then
        known[digest] = true
        answer[#answer + 1] = digest
        answer[#answer + 1] = redis.call('HGET', KEYS[4], digest) or ''
      end
    end
  end
end
return answer
