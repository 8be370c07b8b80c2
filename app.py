"""CoTScope's entry. Start it with `cotscope app`."""

if __name__ == "__main__":  # worker processes import this file too, and want no page
    from analysis.ui.navigation import run_page

    run_page()
