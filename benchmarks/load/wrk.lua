-- BODIES names a file with one JSON body a line; lines take turns. In a single body, @@ stands for
-- a number, which counts up from FIRST with every request.
local bodies = {}
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
local count = tonumber(os.getenv("FIRST"))

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"

if string.find(bodies[1], "@@", 1, true) then
  request = function()
    count = count + 1
    return wrk.format(nil, nil, nil, (string.gsub(bodies[1], "@@", string.format("%d", count))))
  end
elseif #bodies == 1 then
  wrk.body = bodies[1]
else
  local requests, turn = {}, 0
  init = function()
    for place, body in ipairs(bodies) do requests[place] = wrk.format(nil, nil, nil, body) end
  end
  request = function()
    turn = turn % #requests + 1
    return requests[turn]
  end
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"microseconds":%d,"bytes":%d,"errors":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, summary.bytes,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
