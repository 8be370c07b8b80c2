"""The only part of the library that imports Streamlit: what several pages share."""
