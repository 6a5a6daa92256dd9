-- Brings plotly.js, as staged beside the pages, into Quarto's HTML: nothing is loaded from the internet.
if quarto.doc.is_format("html:js") then
  quarto.doc.add_html_dependency({
    name = "plotly",
    version = "bundled",
    scripts = { { path = "../../assets/plotly.min.js" } },
  })
end
return {}
