-- Give leases back, but none that somebody else holds by now.  KEYS: leases.  ARGV: their tokens.
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[i] then
    redis.call('DEL', KEYS[i])
  end
end
return #KEYS
