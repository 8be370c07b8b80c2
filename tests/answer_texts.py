r"""Ends of responses in the styles of many models, with the answer that they state; None for none."""

from __future__ import annotations

TEXTS: list[tuple[str, str | None]] = [
    # boxes
    (r"Therefore the sum is \(\boxed{70}\).", "70"),
    (r"\[\boxed{\frac{27}{50}}\]", r"\frac{27}{50}"),
    (r"so we get $$\boxed{x = \dfrac{-1 \pm \sqrt{5}}{2}}$$", r"x = \dfrac{-1 \pm \sqrt{5}}{2}"),
    (r"**Final Answer**" + "\n\n" + r"\[ \boxed{18} \]", "18"),
    (r"First guess \boxed{4}, but checking gives \boxed{6}.", "6"),
    (r"\boxed{3} and \boxed{5}", "3, 5"),
    (r"$x = \boxed{2}$ or $\boxed{-2}$", "2, -2"),
    (r"\fbox{12}", "12"),
    (r"\boxed{\text{(C)}\ 24}", r"(C) 24"),
    (r"The set is $\boxed{\{1, \{2\}, 3\}}$", r"\{1, \{2\}, 3\}"),
    (r"\boxed{\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}}", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"),
    (r"\boxed {9}", "9"), (r"\boxed 9", "9"), ("\x08oxed{11}", "11"),
    (r"I put it in a box: $\boxed{\text{Thursday}}$.", "Thursday"),
    (r"\boxed{ }" + " is empty, so the answer is 5.", "5"),
    (r"The result, \boxed{0.25}, is a quarter. Hope this helps!", "0.25"),
    (r"答案：$\boxed{42}$", "42"),
    # "the answer is"
    ("The answer is 12.", "12"), ("the answer is: 12", "12"), ("So the answer is **12**.", "12"), ("The final answer is $12$.", "12"),
    ("The correct answer is 3.5.", "3.5"), ("My answer is -7.", "-7"), ("Hence, our answer would be 1,024.", "1,024"),
    ("The answer should be 5 apples.", "5 apples"), ("Therefore, the answer is \\( \\frac{3}{8} \\).", r"\frac{3}{8}"), ("The answer is $\\sqrt{2}$ units.", r"\sqrt{2} units"),
    ("The answer is 50%.", "50%"), ("The answer is $1,250.", "$1,250"), ("The answer is approximately 3.14.", "3.14"), ("The answer is about 20 km.", "20 km"),
    ("The answer is (3, -4).", "(3, -4)"), ("The answer is [0, 5).", "[0, 5)"), ("The answer is {1, 2, 3}.", "{1, 2, 3}"), ("The answer is $x = 5$.", "x = 5"),
    ("The answer is 5 or 6.", "5 or 6"), ("The answer is $2$ and $3$.", "$2$ and $3$"), ("The answer is Paris.", "Paris"), ("The answer is no.", "no"),
    ("The answer is yes, because it divides evenly.", "yes"), ("The answer is true.", "true"), ("The answer is 7:30 PM.", "7:30 PM"), ("The answer is 3:4.", "3:4"),
    ("The answer is March 14, 2015.", "March 14, 2015"), ("The answer is 2^10 = 1024.", "1024"), ("The answer is 2x + 3.", "2x + 3"), ("The answer is x > 4.", "x > 4"),
    ("The answer to the question is 88.", "88"), ("The answer for part (b) is 16.", "16"), ("In conclusion, the answer is 64 square meters.", "64 square meters"),
    ("The answer is 3/4 of the cake.", "3/4"), ("I think the answer is 10. Let me know if you want more detail.", "10"), ("The answer is -\\frac{1}{2}.", r"-\frac{1}{2}"),
    ("Thus, the answer is 1.5 × 10^3.", "1.5 × 10^3"), ("The answer is £30.", "£30"), ("The answer is 15 degrees.", "15 degrees"), ("The answer is 90°.", "90°"),
    # "Answer: X"
    ("Answer: 42", "42"), ("**Answer:** 42", "42"), ("**Answer: 42**", "42"), ("Final Answer: 42", "42"), ("### Answer\n42", "42"), ("## Final Answer\n\n**42**", "42"),
    ("ANSWER: B", "B"), ("Answer: (B)", "B"), ("Answer: **B**", "B"), ("Answer: $B$", "B"), ("Answer - B", "B"), ("Final answer: $\\frac{1}{2}$", r"\frac{1}{2}"), ("Answer: 12 cm^2", "12 cm^2"),
    ("Answer: No", "no"), ("Answer: The Nile", "Nile"), ("Answer: x = 3, y = 4", "x = 3, y = 4"), ("Answer: $18", "$18"), ("Final Answer: The final answer is $8$. I hope it is correct.", "8"),
    ("#### 72", "72"), ("So she has 72 left.\n#### 72", "72"), ("<answer>72</answer>", "72"), ("<think>hm</think><answer> \\boxed{72} </answer>", "72"), ("Answer:\n\n$$7$$", "7"),
    # choices
    ("The correct option is C.", "C"), ("Option D is correct.", "D"), ("The correct answer is **(A) 12 N**.", "A"), ("The answer is (H).", "H"), ("I choose option B.", "B"),
    ("Therefore, the answer is J.", "J"), ("The best choice is E.", "E"), ("So I'd go with B.", "B"), ("Thus the correct choice is (D) because of drag.", "D"), ("C is the correct answer.", "C"),
    ("The answer is C. Photosynthesis needs light.", "C"), ("**The correct answer is: B) 5 m/s**", "B"), ("The answer is option F", "F"), ("Answer: \\text{C}", "C"),
    # conclusions without the word
    ("Thus, the total is 7.", "7"), ("Therefore, the train travels 150 km.", "150 km"), ("So there are 24 ways.", "24"), ("Hence x = 11.", "11"), ("Therefore, $n = 13$.", "13"),
    ("We compute.\n\nSo the probability is $\\frac{5}{36}$.", r"\frac{5}{36}"), ("Adding up: 3 + 4 = 7.\n\nThe total is **7**.", "7"), ("Janet makes **$18** every day.", "$18"),
    ("42", "42"), ("$\\frac{2}{3}$", r"\frac{2}{3}"), ("-3.5", "-3.5"), ("Paris", "Paris"), ("Yes", "yes"), ("No.", "no"), ("(2, 3)", "(2, 3)"), ("B", "B"), ("(B)", "B"),
    ("The capital of France is Paris.", "Paris"), ("It is 5.", "5"), ("$$x = \\frac{9}{2}$$", r"x=\frac{9}{2}"), ("The remainder is:\n\n$$2016 \\bmod 1000 = 16$$", "16"),
    # Chinese and others
    ("答案是36。", "36"), ("答案为 \\(\\frac{1}{2}\\)。", r"\frac{1}{2}"), ("所以答案是C。", "C"), ("故选B。", "B"), ("故选：D", "D"), ("因此，正确答案是 (A)。", "A"), ("综上，答案：12", "12"), ("最终答案：**-5**", "-5"),
    ("所以小明一共有15个苹果。", "15"), ("因此概率为1/6。", "1/6"), ("所以 x = 7。", "7"), ("答案是：是", "是"), ("应选C。", "C"), ("正确选项是B。", "B"), ("答えは12です。", "12"), ("정답은 5입니다.", "5"),
    ("Die Antwort ist 42.", "42"), ("La réponse est 42.", "42"), ("La respuesta es 42.", "42"), ("A resposta é 42.", "42"), ("Ответ: 42", "42"),
    # many lines, markdown, noise after the answer
    ("1. Compute a.\n2. Compute b.\n\n**Answer:** $\\frac{a}{b}$\n\n---\n*Let me know if you need more.*", r"\frac{a}{b}"), ("The answer is 30.\n\nNote: 30 is also 5 · 6.", "30"),
    ("> **Answer:** 19 \n\n✅", "19"), ("Result: the answer is therefore 8!", "8"), ("**Final answer: 1/3**", "1/3"), ("*Answer: seven*", "seven"), ("The answer is 4. Wait, no. The answer is 5.", "5"),
    ("If the answer is 4, then x = 2, which fails. So the answer is 6.", "6"), ("Is the answer 9? Checking: yes, the answer is 9.", "9"), ("The answer is not 5; the answer is 6.", "6"),
    ("The wrong answer is 3. The answer is 2.", "2"), ("Answer: 5\n\nConfidence: 90%", "5"), ("Solution: ... so area = 25\\pi.\n\nAnswer: $25\\pi$ cm²", r"25\pi cm^2"),
    ("The answer is $\\boxed{6}$, as the final answer is 6.", "6"), ("Answer: [[1, 2], [3, 4]]", "[[1, 2], [3, 4]]"), ("Answer: 1 hour 20 minutes", "1 hour 20 minutes"),
    ("answer is 5", "5"), ("The answer is one half.", "one half"), ("Therefore, my final answer is: **Sunday**.", "Sunday"), ("The answer is e^2.", "e^2"), ("The answer is 3 × 10⁵.", "3 × 10⁵"),
    # none
    ("", None), ("   \n", None), ("Let me think about how to answer this. There are many ways to look at it, and no single one is best.\nIt depends.", None),
    ("I'm sorry, but I can't help with that request, and I would suggest that you talk to someone near you about it soon.", None),
    ("First we set up the equation and then we solve it. The next step would be to", None),
]  # fmt: skip
