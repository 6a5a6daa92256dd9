-- Scripts of Quarto's pages, which load nothing from the internet: what makes a stop of the tabulator
-- of what scrolls, and, where a notebook of the analyst's own draws with it, plotly.js as staged beside
-- the pages. The report's own charts need none.
if not quarto.doc.is_format("html:js") then
  return {}
end

quarto.doc.add_html_dependency({ name = "scrolling", version = "bundled", scripts = { "scrolling.js" } })

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
