-- Levels of credit, as an example.

INSERT INTO credit_level (level, at_least, shipped) VALUES ('A', 90, true), ('B', 75, true), ('C', 60, true), ('D', 0, true);
