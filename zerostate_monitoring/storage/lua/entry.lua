-- How a family stands in the hash of totals: the one place where scripts read and write it.
-- Python reads it in totals.py. Format, versions of values, labels and exemplars, rows, birth;
-- then the tag of the last row.
local ENTRY, ENTRY_BYTES, LABELS_AT, TAG_AT = '<I1I8I8I8I4I8', 45, 10, 38

local function entry_of(packed)
  if not packed or #packed ~= ENTRY_BYTES then
    return nil
  end
  local entry, _ = {tag = string.sub(packed, TAG_AT)}
  _, entry.values, entry.labels, entry.exemplars, entry.rows, entry.born = struct.unpack(ENTRY, packed)
  return entry
end

-- Labels, exemplars, rows and tenants; equal where they are the same.
local function all_but_values(packed)
  return string.sub(packed, LABELS_AT)
end

-- A family that begins has versions that none before it had: after a failover, or after it was
-- retired, a reader must not take its rows for those that it knows.
local function new_entry(now)
  return {values = 0, labels = now, exemplars = 0, born = now}
end

local function renew_entry(entry, now, labels, exemplars)
  entry.values = math.max(now, entry.values + 1)
  entry.labels = labels and math.max(now, entry.labels + 1) or entry.labels
  entry.exemplars = exemplars and math.max(now, entry.exemplars + 1) or entry.exemplars
end

local function last_tag(tags, rows)
  return redis.call('GETRANGE', tags, (rows - 1) * 8, rows * 8 - 1)
end

local function put_entry(totals, id, tags, entry)
  local e = entry
  local packed = struct.pack(ENTRY, 1, e.values, e.labels, e.exemplars, e.rows, e.born)
  redis.call('HSET', totals, id, packed .. last_tag(tags, e.rows))
end
