-- The report's components in Quarto's PDF: Typst keeps no class of a Div, so each becomes a call of
-- the template that the built-in renderer uses (template.typ).
-- (HTML styles them by class in components.css.)
if not quarto.doc.is_format("typst") then
  return {}
end

local boxes = { "notice", "finding", "summary", "how-to-read", "letter", "lead", "table-note" }

local function raw(text)
  return pandoc.RawBlock("typst", text)
end

-- Words as a Typst string.
local function literal(words)
  local text = pandoc.utils.stringify(words or ""):gsub("%s+", " ")
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

-- Blocks, or words, as an argument of a call.
local function argument(content)
  local blocks = pandoc.List({ raw("[") })
  blocks:extend(quarto.utils.as_blocks(content))
  blocks:insert(raw("],"))
  return blocks
end

local function call(opening, arguments, closing)
  local blocks = pandoc.List({ raw(opening) })
  for _, each in ipairs(arguments) do
    blocks:extend(argument(each))
  end
  blocks:insert(raw(closing or ")"))
  return blocks
end

-- PDF/UA asks for words beside a formula; what its author typed is the best there is.
local function formula(math)
  return {
    pandoc.RawInline("typst", "#[#set math.equation(alt: " .. literal(math.text) .. ");"),
    math,
    pandoc.RawInline("typst", "]"),
  }
end

-- Cards: a number, what it counts, and what more there is to say.
local function key_figures(div)
  local blocks = pandoc.List({ raw("#key-figures((") })
  for _, card in ipairs(div.content) do
    if card.t == "Div" then
      local rest = pandoc.List(card.content):filter(function(block) return block.t ~= "Null" end)
      local number, label = rest:remove(1), rest:remove(1)
      blocks:extend(call("(", { number and number.content or {}, label and label.content or {}, rest }, "),"))
    end
  end
  blocks:insert(raw("))"))
  return blocks
end

-- The divs of a div, each a column.
local function side_by_side(div)
  local columns = div.content:filter(function(block) return block.t == "Div" end)
  return call("#side-by-side((", columns:map(function(column) return column.content end), "))")
end

-- What is quoted, and who said it: what is no block quote, else the last of several paragraphs.
local function quotation(div)
  local said, who = pandoc.List({}), pandoc.List({})
  local marked = div.content:find_if(function(block) return block.t == "BlockQuote" end)
  for place, block in ipairs(div.content) do
    if block.t == "BlockQuote" then
      said:extend(block.content)
    elseif marked or (place > 1 and place == #div.content) then
      who:insert(block)
    else
      said:insert(block)
    end
  end
  return call("#quotation(", { said, who })
end

local function callout(node)
  local title = node.title
  if title == nil or pandoc.utils.stringify(title) == "" then
    title = { pandoc.Str(node.type:gsub("^%l", string.upper)) }
  end
  return call('#callout("' .. node.type .. '", ', { title, node.content })
end

-- What stands at the front, and at the foot of every page.
local function front(meta)
  local language, region = pandoc.utils.stringify(meta.lang or "en"):match("^(%a+)%-?(%a*)")
  local edition = meta.edition or {}
  local facts = pandoc.List({ edition.term, edition.date }):map(pandoc.utils.stringify)
  local authors = pandoc.List({})
  if meta.author then
    authors = pandoc.utils.type(meta.author) == "List" and meta.author or pandoc.List({ meta.author })
  end
  local values = {
    "kind: " .. literal(meta["report-kind"] or "book"),
    "title: " .. literal(meta.title),
    "subtitle: " .. literal(meta.subtitle),
    "authors: (" .. table.concat(authors:map(function(each)
      return literal(pandoc.utils.type(each) == "table" and each.name or each) .. ","
    end)) .. ")",
    "edition: " .. literal(table.concat(facts, " · ")),
    "notice: " .. literal(meta.notice),
    "notice-short: " .. literal(meta["notice-short"]),
    "language: " .. literal(language),
    "region: " .. (region ~= "" and literal(region) or "none"),
  }
  meta["report-front"] = pandoc.Inlines({ pandoc.RawInline("typst", table.concat(values, ", ")) })
  local terms = pandoc.List(meta.terms or {}):map(function(each)
    return literal(each[1]) .. ": " .. literal(each[2])
  end)
  local explained = #terms > 0 and table.concat(terms, ", ") or ":"
  meta["report-terms"] = pandoc.Inlines({ pandoc.RawInline("typst", explained) })
  meta["report-kind"] = pandoc.Inlines({ pandoc.RawInline("typst", literal(meta["report-kind"] or "book")) })
  return meta
end

-- A PDF is read by itself: what stands in another document is named there, and no link.
local function elsewhere(link)
  if link.classes:includes("other-document") then
    return link.content
  end
end

return {
  { Meta = front, Math = formula },
  { Link = elsewhere },
  {
    -- From within outwards: a box may hold another.
    Callout = callout,
    Div = function(div)
      if div.classes:includes("key-figures") then
        return key_figures(div)
      elseif div.classes:includes("side-by-side") then
        return side_by_side(div)
      elseif div.classes:includes("quotation") then
        return quotation(div)
      end
      for _, name in ipairs(boxes) do
        if div.classes:includes(name) then
          return pandoc.Div(call("#" .. name .. "(", { div.content }))
        end
      end
    end,
  },
}
