SELECT DISTINCT analyzer, analyzer_version FROM analysis ORDER BY analyzer, analyzer_version
