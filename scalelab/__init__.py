"""Models, simulators and fakes behind the scalelab course."""

from scalelab import in_browser

__version__ = "0.1.0"

in_browser.keep_quiet_about_fonts()  # before anything imports Matplotlib
