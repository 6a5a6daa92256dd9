-- Brings plotly.js, as staged beside the pages, where a notebook of the analyst's own draws with it:
-- nothing is loaded from the internet. The report's own charts need none.
if not quarto.doc.is_format("html:js") then
  return {}
end

return {
  {
    RawBlock = function(block)
      if block.format:match("html") and block.text:find("Plotly.newPlot", 1, true) then
        quarto.doc.add_html_dependency({
          name = "plotly",
          version = "bundled",
          scripts = { { path = "../../../assets/plotly.min.js" } },
        })
      end
    end,
  },
}
