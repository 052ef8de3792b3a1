-- BODIES names a file with one JSON body a line, TOKENS one with a bearer token a line, which may be
-- empty; lines of both take turns. In a single body, @@ stands for
-- a number, which counts up from FIRST with every request.
local function read_lines(file)
  local lines = {}
  for line in io.lines(file) do lines[#lines + 1] = line end
  return lines
end

local bodies, tokens = read_lines(os.getenv("BODIES")), read_lines(os.getenv("TOKENS"))
local count = tonumber(os.getenv("FIRST"))

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"

if string.find(bodies[1], "@@", 1, true) then
  request = function()
    count = count + 1
    return wrk.format(nil, nil, nil, (string.gsub(bodies[1], "@@", string.format("%d", count))))
  end
elseif #bodies == 1 and #tokens == 0 then
  wrk.body = bodies[1]
else
  local requests, turn = {}, 0
  init = function()
    for place = 1, math.max(#bodies, #tokens) do
      if #tokens > 0 then
        wrk.headers["Authorization"] = "Bearer " .. tokens[(place - 1) % #tokens + 1]
      end
      requests[place] = wrk.format(nil, nil, nil, bodies[(place - 1) % #bodies + 1])
    end
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
