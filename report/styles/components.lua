-- The report's components in Quarto's PDF: Typst keeps no class of a Div, so each is set here.
-- (HTML styles them by class in components.css; the built-in renderer has its own.)
if not quarto.doc.is_format("typst") then
  return {}
end

local function box(fill, accent)
  return string.format(
    '#block(width: 100%%, fill: rgb("%s"), inset: 10pt, radius: 2pt, breakable: true, stroke: (left: 3pt + rgb("%s")))[',
    fill, accent)
end

local open = {
  notice = box("#f8eef3", "#801650"),
  finding = box("#edf6f5", "#28A197"),
  summary = box("#edf6f5", "#28A197"),
  ["how-to-read"] = box("#eef2f5", "#eef2f5"),
  letter = '#block(width: 100%, inset: 12pt, breakable: false, stroke: 0.5pt + rgb("#c9d0d6"))[',
  quotation = '#block(width: 100%, inset: (left: 12pt), stroke: (left: 2pt + rgb("#b9c2c9")))[#set text(style: "italic")\n',
  lead = '#block[#set text(size: 1.15em)\n',
  ["table-note"] = '#block(width: 100%)[#set text(size: 0.8em)\n#set align(left)\n',
}

local function raw(text)
  return pandoc.RawBlock("typst", text)
end

-- PDF/UA asks for words beside a formula; what its author typed is the best there is.
local function formula(math)
  local words = math.text:gsub("%s+", " "):gsub("\\", "\\\\"):gsub('"', '\\"')
  return {
    pandoc.RawInline("typst", string.format('#[#set math.equation(alt: "%s");', words)),
    math,
    pandoc.RawInline("typst", "]"),
  }
end

local function key_figures(div)
  local blocks = pandoc.List({ raw("#grid(columns: (1fr, 1fr, 1fr), gutter: 8pt,") })
  for _, figure in ipairs(div.content) do
    if figure.t == "Div" then
      blocks:insert(raw('block(width: 100%, fill: rgb("#eef2f5"), inset: 8pt, stroke: (top: 2pt + rgb("#12436D")))['))
      blocks:insert(raw('#text(size: 1.6em, weight: "bold", fill: rgb("#12436D"))['))
      blocks:insert(pandoc.Plain(figure.content[1].content))
      blocks:insert(raw("]\n#linebreak()"))
      for place = 2, #figure.content do
        blocks:insert(figure.content[place])
      end
      blocks:insert(raw("],"))
    end
  end
  blocks:insert(raw(")"))
  return blocks
end

-- The divs of a div, each a column.
local function side_by_side(div)
  local columns = div.content:filter(function(block) return block.t == "Div" end)
  if #columns < 2 then
    return nil
  end
  local blocks = pandoc.List({ raw("#grid(columns: (1.12fr, 1fr), column-gutter: 16pt,") })
  for _, column in ipairs(columns) do
    blocks:insert(raw("["))
    blocks:extend(column.content)
    blocks:insert(raw("],"))
  end
  blocks:insert(raw(")"))
  return blocks
end

-- What the study says of itself, at the foot of every page with the page's number; the edition.
local function furniture(meta)
  local notice = pandoc.utils.stringify(meta["notice-short"] or "")
  notice = notice:gsub("\\", "\\\\"):gsub('"', '\\"')
  quarto.doc.include_text("in-header", string.format([[
#set page(footer: context if here().page() > 1 {
  set text(size: 8pt)
  grid(columns: (1fr, auto), text("%s"), counter(page).display("1"))
})]], notice))
  -- The book's cover shows no date; the title of a school's one document does.
  local edition, unit = meta["edition"], pandoc.utils.stringify(meta["unit"] or "cohort")
  if edition and edition.term and unit == "cohort" and meta.subtitle then
    meta.subtitle = pandoc.Inlines(meta.subtitle)
    meta.subtitle:extend({ pandoc.LineBreak() })
    meta.subtitle:extend(pandoc.Inlines(edition.term))
    meta.subtitle:extend({ pandoc.Str(","), pandoc.Space() })
    meta.subtitle:extend(pandoc.Inlines(edition.date))
  end
  return meta
end

-- A PDF is read by itself: what stands in another document is named there, and no link.
local function elsewhere(link)
  if link.classes:includes("other-document") then
    return link.content
  end
end

return {
  { Meta = furniture, Math = formula },
  { Link = elsewhere },
  {
    traverse = "topdown",
    Div = function(div)
      if div.classes:includes("key-figures") then
        return key_figures(div), false
      end
      if div.classes:includes("side-by-side") then
        return side_by_side(div)
      end
      for class, text in pairs(open) do
        if div.classes:includes(class) then
          local blocks = pandoc.List({ raw(text) })
          blocks:extend(div.content)
          blocks:insert(raw("]"))
          return pandoc.Div(blocks)
        end
      end
    end,
  },
}
