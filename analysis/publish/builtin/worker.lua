-- Runs inside `pandoc lua`. One request a line (a JSON list of jobs), one answer a line, so that
-- Pandoc is started once for many reports. Every job gets its own result or its own error.

local function convert(job)
  local document = pandoc.read(job.text, job.from)
  local options = pandoc.WriterOptions({
    wrap_text = "none",
    html_math_method = "mathml",
    email_obfuscation = "none",
  })
  return pandoc.write(document, job.to, options)
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
