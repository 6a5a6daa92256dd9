-- Runs inside `pandoc lua`. One request a line (a JSON list of jobs), one answer a line, so that
-- Pandoc is started once for many reports. Every job gets its own result or its own error.

local function convert(job)
  local document = pandoc.read(job.text, job.from)
  local options = pandoc.WriterOptions({
    wrap_text = "none",
    html_math_method = "mathml",
    email_obfuscation = "none",
    reference_doc = job.reference,
  })
  -- Pictures by names of their own: where they lie on this machine is nobody's affair.
  pandoc.mediabag.empty()
  for name, path in pairs(job.media or {}) do
    local file = assert(io.open(path, "rb"))
    pandoc.mediabag.insert(name, nil, file:read("a"))
    file:close()
  end
  local written = pandoc.write(document, job.to, options)
  if not job.file then
    return written
  end
  -- What is no text goes to a file: answers are lines of JSON.
  local file = assert(io.open(job.file, "wb"))
  file:write(written)
  file:close()
  return ""
end

for line in io.lines() do
  local answers = {}
  for index, job in ipairs(pandoc.json.decode(line, false)) do
    local done, result = pcall(convert, job)
    answers[index] = { done = done, text = tostring(result) }
  end
  io.write(pandoc.json.encode(answers), "\n")
  io.flush()
end
