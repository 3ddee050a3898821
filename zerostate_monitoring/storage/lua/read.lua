-- What a scrape needs to know before it fetches a frame.
-- KEYS: versions, store id, then hashes.  Returns {seconds, microseconds, id, versions, hash…}.
local clock = redis.call('TIME')
local answer = {clock[1], clock[2], redis.call('GET', KEYS[2]) or '', redis.call('HGETALL', KEYS[1])}
for i = 3, #KEYS do
  answer[#answer + 1] = redis.call('HGETALL', KEYS[i])
end
return answer
