-- In a document whose sections have no numbers, a reference to a section says its heading, in both
-- of Quarto's formats and as the built-in renderer says it: Quarto's pages would name a number that
-- no heading shows, and Typst refuses the reference.
local headings = {}

local function referred(cite)
  local said = pandoc.Inlines({})
  for place, citation in ipairs(cite.citations) do
    local heading = headings[citation.id]
    if not heading then
      return nil
    end
    if place > 1 then
      said:extend({ pandoc.Str(","), pandoc.Space() })
    end
    said:extend(citation.prefix)
    if #citation.prefix > 0 then
      said:insert(pandoc.Space())
    end
    said:insert(pandoc.Link(heading:clone(), "#" .. citation.id))
    said:extend(citation.suffix)
  end
  return said
end

return {
  {
    Header = function(header)
      if header.identifier:match("^sec%-") then
        headings[header.identifier] = header.content
      end
    end,
  },
  { Cite = referred },
}
